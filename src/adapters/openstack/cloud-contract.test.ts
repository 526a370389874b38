import { describeCloud } from './testing/cloud-contract.ts';
import { openCloud, place, startSimulatedCloud } from './testing/simulated-cloud.ts';

describeCloud('the simulator', async () => {
  const simulated = await startSimulatedCloud();
  return {
    cloud: openCloud(simulated.access),
    place,
    overQuotaFlavor: 'ci.toobig',
    noHostFlavor: undefined,
    securedNetwork: 'ci-net',
    floating: { network: 'ci-net', floatingNetwork: 'public' },
    volumes: true,
    patience: 20_000,
    close: () => simulated.close(),
  };
});
