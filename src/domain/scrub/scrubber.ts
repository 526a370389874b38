import { secretsRule, stringsRule } from './known-strings.ts';
import { networksRule } from './networks.ts';
import type { Network } from './networks.ts';
import { patternRule } from './pattern.ts';
import { applyRule } from './rule.ts';
import type { Digest, Hidden, ScrubRule } from './rule.ts';
import { shippedRules } from './shipped-rules.ts';

/** What is hidden in logs, from the configuration. */
export interface ScrubSettings {
  /** Names of shipped rules that are not applied. */
  readonly without: readonly string[];
  readonly rules: readonly ScrubRuleSettings[];
}

export interface ScrubRuleSettings {
  readonly name: string;
  readonly strings: readonly string[];
  /** Sources of regular expressions, checked. */
  readonly patterns: readonly string[];
  readonly networks: readonly Network[];
  /** True: by a placeholder, the same for the same text; false: by `*`. */
  readonly replace: boolean;
}

/** Hides what must not become public in bytes given as Latin-1, in whole lines; the answer is as long. Counts what each rule hid. */
export type ScrubLines = (text: string, hidden: Hidden) => string;

export function createScrubLines(settings: ScrubSettings, secrets: readonly string[], digest: Digest): ScrubLines {
  const rules: readonly ScrubRule[] = [
    secretsRule(secrets),
    ...shippedRules.filter(({ name }) => !settings.without.includes(name)),
    ...settings.rules.flatMap(toRules),
  ];
  return (text, hidden) => {
    let scrubbed = text;
    for (const rule of rules) {
      const { count, text: next } = applyRule(rule, scrubbed, digest);
      if (count > 0) hidden.set(rule.name, (hidden.get(rule.name) ?? 0) + count);
      scrubbed = next;
    }
    return scrubbed;
  };
}

function toRules({ name, networks, patterns, replace, strings }: ScrubRuleSettings): readonly ScrubRule[] {
  return [
    ...(strings.length > 0 ? [stringsRule(name, strings, { replace })] : []),
    ...patterns.map((pattern) => patternRule(name, pattern, { replace })),
    ...(networks.length > 0 ? [networksRule(name, networks, { replace })] : []),
  ];
}
