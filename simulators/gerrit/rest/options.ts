import { Refusal } from '../gerrit.ts';

/** Gerrit's `o=`; those without an effect here are known all the same, because Gerrit refuses only unknown ones. */
const options = [
  'LABELS',
  'CURRENT_REVISION',
  'ALL_REVISIONS',
  'CURRENT_COMMIT',
  'ALL_COMMITS',
  'CURRENT_FILES',
  'ALL_FILES',
  'DETAILED_ACCOUNTS',
  'MESSAGES',
  'CURRENT_ACTIONS',
  'REVIEWED',
  'DRAFT_COMMENTS',
  'DOWNLOAD_COMMANDS',
  'WEB_LINKS',
  'CHECK',
  'CHANGE_ACTIONS',
  'COMMIT_FOOTERS',
  'PUSH_CERTIFICATES',
  'REVIEWER_UPDATES',
  'SUBMITTABLE',
  'TRACKING_IDS',
  'SKIP_MERGEABLE',
  'SKIP_DIFFSTAT',
  'SUBMIT_REQUIREMENTS',
  'CUSTOM_KEYED_VALUES',
  'STAR',
  'PARENTS',
  'DETAILED_LABELS',
] as const;

export type ChangeOption = (typeof options)[number];

export const detailOptions: readonly ChangeOption[] = [
  'DETAILED_ACCOUNTS',
  'DETAILED_LABELS',
  'MESSAGES',
  'REVIEWER_UPDATES',
];

export function changeOptions(query: URLSearchParams): Set<ChangeOption> {
  return new Set(
    query.getAll('o').map((text) => {
      const option = options.find((known) => known === text);
      if (option === undefined) throw new Refusal(400, `"${text}" is not a valid value for "-o"`);
      return option;
    }),
  );
}
