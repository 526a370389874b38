import { below } from './findings.ts';
import type { Findings } from './findings.ts';
import type { SectionEntry } from './schema/root.ts';
import type { Entry } from './sections.ts';

/** Userids every z/VM or its Feilong lives on. A slot that could sweep them away is refused. */
const systemUserids = [
  'ADMIN',
  'AUTOLOG1',
  'AUTOLOG2',
  'AVSVM',
  'BLDCMS',
  'BLDNUC',
  'BLDRACF',
  'BLDSEG',
  'CBDIODSP',
  'CMS1',
  'DATAMOVE',
  'DIRMAINT',
  'DIRMSAT',
  'DISKACNT',
  'DTCENS1',
  'DTCVSW1',
  'DTCVSW2',
  'EREP',
  'FTPSERVE',
  'GCS',
  'GSKADMIN',
  'IBMUSER',
  'IMAP',
  'ISFCVM',
  'LDAPSRV',
  'LOHCOST',
  'MAINT',
  'MIGMAINT',
  'MONWRITE',
  'MPROUTE',
  'OPERATNS',
  'OPERATOR',
  'OPERSYMP',
  'OPNCLOUD',
  'PDMREM',
  'PERFSVM',
  'PERSMAPI',
  'PMAINT',
  'PORTMAP',
  'RACFSMF',
  'RACFVM',
  'RACMAINT',
  'REXECD',
  'RSCS',
  'RXAGENT',
  'SMTP',
  'SNMPD',
  'SSLSERV',
  'SYSADMIN',
  'SYSMON',
  'TCPIP',
  'TCPMAINT',
  'TSAFVM',
  'UFTD',
  'VMNFS',
  'VMRMADMN',
  'VMRMSVM',
  'VMSERVR',
  'VMSERVS',
  'VMSERVU',
  'VMUTIL',
  'VSMEVSRV',
  'VSMGUARD',
  'VSMPROXY',
  'VSMREQI6',
  'VSMREQIN',
  'VSMREQIU',
  'VSMWORK1',
  'VTAM',
  'XCAT',
  'XCATSERV',
  'ZVMLXAPP',
  'ZVMMAPLX',
  'ZHCP',
];

/** Prefixes keep workers apart and decide what a sweep deletes, so they must not overlap, on any back end. */
export function checkPrefixes(backends: readonly Entry<SectionEntry<'backends'>>[], findings: Findings): void {
  const slots = backends.flatMap(({ place, value }) =>
    (value.slots ?? []).map(({ prefix }, index) => ({
      prefix,
      backend: value.name ?? 'another back end',
      place: below(place, 'slots', index, 'prefix'),
    })),
  );
  for (const [index, slot] of slots.entries()) {
    const other = slots.slice(0, index).find((earlier) => overlaps(earlier.prefix, slot.prefix));
    if (other) {
      const what = `${slot.prefix} overlaps with ${other.prefix} of ${other.backend}.`;
      findings.error(
        slot.place,
        what,
        'No prefix may be another one or begin with it: one slot’s sweep would delete the other’s guests.',
      );
    }
    const system = systemUserids.find((userid) => userid.startsWith(slot.prefix));
    if (system)
      findings.error(
        slot.place,
        `the system userid ${system} starts with ${slot.prefix}.`,
        'Take another prefix: its guests are deleted.',
      );
  }
}

function overlaps(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
}
