/**
 * Userids that z/VM, its features and the usual service machines have. A slot's prefix can be the beginning of one (`TC` + generation `P`:
 * `TCPIP`), and none of them is ever a worker's.
 */
const systemUserids: ReadonlySet<string> = new Set(
  (
    'AUDITOR AUTOLOG1 AUTOLOG2 AVSVM BLDCMS BLDNUC BLDRACF BLDSEG CBDIODSP CMSBATCH CMSUSER CONSMAPI DATAMOVE DATAMOV2 DIRMAINT DIRMAIN2 DIRMSAT DIRMSAT2 ' +
    'DISKACNT DTCSMAPI DTCSWEEP DTCVSW1 DTCVSW2 DTCVSW3 DTCVSW4 EREP FEILONG FTPSERVE GCS GCSXA GSKADMIN IBMUSER IMAP IMAPAUTH LDAPSRV LGLOPR LOGNSYSC LOHCOST ' +
    'MAINT MAINTVM MIGMAINT MPROUTE NAMESRV OPERATNS OPERATOR OPERSYMP OSADMIN1 OSADMIN2 OSADMIN3 OSAMAINT OSASF OSAXF OSAXT PERFSVM PERSMAPI PMAINT ' +
    'PORTMAP PVM RACFSMF RACFVM RACMAINT REXECD RSCS RSCSAUTH RSCSDNS RXAGENT1 SMSMASTR SMSSRV01 SMTP SNMPD SNMPQE SNMPSUBA SSLDCSSM SSLSERV SYSADMIN SYSDUMP1 SYSMAINT ' +
    'SYSMON SYSTEM TCPIP TCPMAINT TSAFVM UFTD VMNFS VMSERVP VMSERVR VMSERVS VMSERVU VMUTIL VSMEVSRV VSMGUARD VSMPROXY VSMREQI6 VSMREQIM VSMREQIN VSMREQIU ' +
    'VSMWORK1 VSMWORK2 VSMWORK3 VTAM XCATSRV XCATSERV ZHCP ZVMMAPLX ZVMLXAPP ZVMLXTMP'
  ).split(' '),
);

/** `MAINT720`: those that belong to one release. */
const releaseUserids = /^MAINT\d{3}$/;

/** Userid or not, whose it is: every check is on the upper-case form, which is what Feilong and z/VM make of it. */
export function ownUserid(text: unknown, prefix: string): string | undefined {
  if (typeof text !== 'string' || !/^[A-Za-z0-9]{1,8}$/.test(text)) return undefined;
  const userid = text.toUpperCase();
  return userid.startsWith(prefix) && userid.length > prefix.length && !isSystemUserid(userid) ? userid : undefined;
}

function isSystemUserid(userid: string): boolean {
  return systemUserids.has(userid) || releaseUserids.test(userid);
}
