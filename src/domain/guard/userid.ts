/** Userid or not, whose it is: every check is on the upper-case form, which is what Feilong and z/VM make of it. */
export function ownUserid(text: unknown, prefix: string): string | undefined {
  if (typeof text !== 'string' || !/^[A-Za-z0-9]{1,8}$/.test(text)) return undefined;
  const userid = text.toUpperCase();
  return userid.startsWith(prefix) && userid.length > prefix.length ? userid : undefined;
}
