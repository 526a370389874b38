/** Who runs this command, as far as the shell knows. */
export function personAtTerminal(): string {
  const { SUDO_USER: behind, USER: user } = process.env;
  return behind ?? user ?? '';
}
