import type { Commit, Person } from '../state/model.ts';

/** What Gerrit shows as the file `/COMMIT_MSG`; its lines count in the sizes of stream events. */
export function commitMessageFile(commit: Commit): string {
  return [
    ...parentLines(commit),
    `Author:     ${commit.author.name} <${commit.author.email}>`,
    `AuthorDate: ${localDate(commit.author)}`,
    `Commit:     ${commit.committer.name} <${commit.committer.email}>`,
    `CommitDate: ${localDate(commit.committer)}`,
    '',
    commit.message,
  ].join('\n');
}

export function lineCount(text: string): number {
  const breaks = text.split('\n').length - 1;
  return text.endsWith('\n') ? breaks : breaks + 1;
}

function parentLines({ parents }: Commit): string[] {
  const [first] = parents;
  if (first === undefined) return [];
  if (parents.length === 1) return [`Parent:     ${abbreviate(first.commit, first.subject)}`];
  return parents.map(
    ({ commit, subject }, index) => `${index === 0 ? 'Merge Of:  ' : '           '} ${abbreviate(commit, subject)}`,
  );
}

function abbreviate(commit: string, subject: string): string {
  return `${commit.slice(0, 8)} (${subject})`;
}

function localDate({ date, tz }: Person): string {
  const local = new Date((date + tz * 60) * 1000).toISOString().slice(0, 19).replace('T', ' ');
  const minutes = Math.abs(tz);
  const zone = String(Math.floor(minutes / 60) * 100 + (minutes % 60)).padStart(4, '0');
  return `${local} ${tz < 0 ? '-' : '+'}${zone}`;
}

const footerLine = /^[A-Za-z0-9-]+: /;

/** The lines of the last paragraph, if it is a footer at all. */
export function footers(message: string): { name: string; value: string }[] {
  const paragraphs = message.trimEnd().split(/\n[ \t]*\n/);
  if (paragraphs.length < 2) return [];
  const lines = paragraphs.at(-1)?.split('\n') ?? [];
  return lines
    .filter((line) => footerLine.test(line))
    .map((line) => {
      const colon = line.indexOf(':');
      return { name: line.slice(0, colon), value: line.slice(colon + 1).trim() };
    });
}
