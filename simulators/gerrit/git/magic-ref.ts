import type { UploadOptions } from '../actions/new-patchset.ts';

const prefix = 'refs/for/';

export function isMagicRef(ref: string): boolean {
  return ref.startsWith(prefix);
}

/** `refs/for/master%topic=x,wip` in its parts. Options without an effect here (reviewers, messages) are let pass. */
export function parseMagicRef(ref: string): UploadOptions {
  const split = ref.indexOf('%');
  const name = ref.slice(prefix.length, split === -1 ? undefined : split).replace(/^refs\/heads\//, '');
  const hashtags: string[] = [];
  let options: Omit<UploadOptions, 'branch' | 'hashtags'> = {};
  for (const option of split === -1 ? [] : ref.slice(split + 1).split(',')) {
    const equals = option.indexOf('=');
    const key = equals === -1 ? option : option.slice(0, equals);
    const value = equals === -1 ? '' : option.slice(equals + 1);
    if (key === 'topic' && value !== '') options = { ...options, topic: value };
    if ((key === 'hashtag' || key === 't') && value !== '') hashtags.push(value);
    options = { ...options, ...flags[key] };
  }
  return { branch: name, hashtags, ...options };
}

const flags: Readonly<Record<string, { wip?: boolean; private?: boolean }>> = {
  wip: { wip: true },
  'work-in-progress': { wip: true },
  ready: { wip: false },
  private: { private: true },
  'remove-private': { private: false },
};
