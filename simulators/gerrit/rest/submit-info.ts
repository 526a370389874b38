import { isSubmittable } from '../actions/submit.ts';
import { currentPatchset } from '../state/model.ts';
import type { Change } from '../state/model.ts';

const max = 'label:Code-Review=MAX';
const min = 'label:Code-Review=MIN';

/** The two requirements Gerrit has without configuration. */
export function submitRequirements(change: Change) {
  return [codeReview(change), noUnresolvedComments(change)];
}

function codeReview(change: Change) {
  const { number } = currentPatchset(change);
  const has = (value: number) =>
    change.votes.some((vote) => vote.label === 'Code-Review' && vote.patchset === number && vote.value === value);
  const atoms: [string, boolean][] = [
    [max, has(2)],
    [min, has(-2)],
  ];
  const fulfilled = isSubmittable(change);
  return {
    name: 'Code-Review',
    description: 'Changes must have at least one MAX Code-Review vote and no MIN to be submittable.',
    status: fulfilled ? 'SATISFIED' : 'UNSATISFIED',
    is_legacy: false,
    submittability_expression_result: {
      expression: `${max} AND -${min}`,
      fulfilled,
      status: fulfilled ? 'PASS' : 'FAIL',
      passing_atoms: atoms.filter(([, passing]) => passing).map(([atom]) => atom),
      failing_atoms: atoms.filter(([, passing]) => !passing).map(([atom]) => atom),
      atom_explanations: { [max]: '', [min]: '' },
    },
  };
}

function noUnresolvedComments({ comments }: Change) {
  const unresolved = comments.some((comment) => comment.unresolved);
  return {
    name: 'No-Unresolved-Comments',
    description: 'Changes that have unresolved comments are not submittable.',
    status: unresolved ? 'UNSATISFIED' : 'NOT_APPLICABLE',
    is_legacy: false,
    applicability_expression_result: { fulfilled: unresolved, status: unresolved ? 'PASS' : 'FAIL' },
    submittability_expression_result: {
      expression: '-has:unresolved',
      fulfilled: !unresolved,
      status: unresolved ? 'FAIL' : 'NOT_EVALUATED',
      passing_atoms: [],
      failing_atoms: [],
      atom_explanations: {},
    },
  };
}
