import { readdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { SignatureMatcher } from '../domain/signatures/match-log.ts';
import type { Signature } from '../domain/signatures/signature.ts';
import type { Context } from './context.ts';
import { readTextFile, resolvePath } from './files.ts';
import { below } from './findings.ts';
import type { Findings, Place } from './findings.ts';
import { signatureSchema } from './schema/signature.ts';
import type { Parts } from './sections.ts';
import { parseYamlFile } from './yaml-file.ts';
import { reportIssues } from './zod-problems.ts';

export const shippedSignatures = fileURLToPath(new URL('../../signatures', import.meta.url));

const mostFiles = 500;

type SignatureFile = z.output<typeof signatureSchema>;

interface ReadSignature {
  readonly signature: Signature;
  readonly place: Place;
}

/** The shipped signatures and the operator's; one of his takes the place of a shipped one with the same id. */
export async function readSignatures(parts: Parts, context: Context): Promise<readonly Signature[]> {
  const shipped = await readFolder(shippedSignatures, { source: parts.source, path: [] }, context.findings);
  const own: ReadSignature[] = [];
  for (const [index, path] of (parts.keys.signatures ?? []).entries()) {
    const place: Place = { source: parts.source, path: ['signatures', index] };
    own.push(...(await readFolder(resolvePath(context.folder, path), place, context.findings)));
  }
  const byId = new Map(shipped.map(({ signature }) => [signature.id, signature]));
  const seen = new Map<string, Place>();
  for (const { place, signature } of own) {
    const other = seen.get(signature.id);
    if (other) context.findings.error(below(place, 'id'), `${other.source.file} has the same one.`);
    seen.set(signature.id, place);
    byId.set(signature.id, signature);
  }
  return [...byId.values()].toSorted((one, two) => (one.id < two.id ? -1 : 1));
}

async function readFolder(folder: string, place: Place, findings: Findings): Promise<readonly ReadSignature[]> {
  let names: readonly string[];
  try {
    names = (await readdir(folder)).filter((name) => /^[^.].*\.ya?ml$/.test(name)).toSorted();
  } catch (error) {
    findings.error(place, `${folder} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)}).`);
    return [];
  }
  if (names.length === 0) findings.error(place, `${folder} has no signature: no file there ends with .yaml.`);
  if (names.length > mostFiles)
    findings.error(place, `${folder} has ${names.length} files; at most ${mostFiles} are read.`);
  const signatures: ReadSignature[] = [];
  for (const name of names.slice(0, mostFiles)) {
    const read = await readFile(join(folder, name), place, findings);
    if (read) signatures.push(read);
  }
  return signatures;
}

async function readFile(file: string, from: Place, findings: Findings): Promise<ReadSignature | undefined> {
  const read = await readTextFile(file);
  if (!read.ok) {
    findings.error(from, `${read.what}.`);
    return undefined;
  }
  const { yaml, problems } = parseYamlFile(file, read.text);
  findings.addAll(problems);
  if (problems.length > 0) return undefined;
  const place: Place = { source: yaml, path: [] };
  const parsed = signatureSchema.safeParse(yaml.content);
  if (!parsed.success) {
    reportIssues(parsed.error, { schema: signatureSchema, content: yaml.content, place }, findings);
    return undefined;
  }
  const signature = toSignature(parsed.data);
  checkSignature(signature, place, findings);
  checkExamples(signature, parsed.data, { place, findings });
  return { signature, place };
}

function toSignature({ all, any, bug, cause, id, logs, retry, tests, title }: SignatureFile): Signature {
  return { id, title, cause, logs, all, any, tests, bug, retry };
}

function checkSignature({ all, any, id }: Signature, place: Place, findings: Findings): void {
  if (all.length + any.length === 0) findings.error(place, 'has no pattern.', 'Write `all` or `any`.');
  const name = basename(place.source.file, extname(place.source.file));
  if (id !== name) findings.error(below(place, 'id'), `is ${id}, but the file is called ${name}.`);
}

function checkExamples(
  signature: Signature,
  { examples }: SignatureFile,
  { place, findings }: { readonly place: Place; readonly findings: Findings },
): void {
  for (const kind of ['match', 'other'] as const)
    for (const [index, example] of examples[kind].entries()) {
      const isFound = matches(signature, example);
      if (isFound !== (kind === 'match'))
        findings.error(
          below(place, 'examples', kind, index),
          isFound ? 'matches, and must not.' : 'does not match, and must.',
        );
    }
}

/** Whether a piece of a log shows the signature. */
function matches(signature: Signature, text: string): boolean {
  const matcher = new SignatureMatcher([{ ...signature, logs: ['*'] }]).open('log');
  matcher?.push(Buffer.from(text));
  return (matcher?.end() ?? []).length > 0;
}
