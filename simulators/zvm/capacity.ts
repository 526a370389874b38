import { z } from 'zod';

const amount = z.number().min(0).max(1_000_000_000);

/** How much the system has and what others use of it; `POST /simulator/capacity` changes it, in MiB and GiB as Feilong says it. */
export const capacitySchema = z.strictObject({
  memory: amount,
  /** Beside the simulated guests that are logged on. */
  memoryOfOthers: amount,
  diskPool: amount,
  /** Beside the disks of simulated guests. */
  diskOfOthers: amount,
  /** Deploys and captures at once; Feilong's `max_concurrent_deploy_capture`. */
  deploys: z.int().min(0).max(10_000),
});

export type Capacity = z.infer<typeof capacitySchema>;

export const usualCapacity: Capacity = {
  memory: 262_144,
  memoryOfOthers: 0,
  diskPool: 10_000,
  diskOfOthers: 0,
  deploys: 20,
};
