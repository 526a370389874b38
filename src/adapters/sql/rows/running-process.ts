/** SQL: whether the process with this id runs, as far as is known: a dead one is found out within a second. */
export function runningProcess(id: string): string {
  return `exists (select from processes p where p.id = ${id} and p.ended_at is null)`;
}
