/** Why a sweep has no design to show: constraints that leave none, layers without a legal mapping. */
import type { Diagnostic } from '../spec/errors.ts';
import { InfeasibleError } from '../spec/errors.ts';
import { parametersOf } from './designs.ts';
import { allHold } from './rules.ts';
import type { DesignRecord, Rule, Sweep } from './sweep.ts';

/** For a sweep whose designs are all done, and none of them mapped. */
export function nothingLeft(sweep: Sweep, records: readonly DesignRecord[]): InfeasibleError {
  const infeasible = records.flatMap((record) => (record.status === 'infeasible' ? [record] : []));
  const excluded = records.filter(({ status }) => status === 'excluded');
  const diagnostics = [
    ...(excluded.length > 0 ? exclusions(sweep, records, excluded) : []),
    ...infeasible.slice(0, 1).map(({ id, reason }) => ({
      message: `no mapping is legal on ${amount(infeasible.length, records)}; on design ${id}: ${reason}`,
    })),
  ];
  return new InfeasibleError(diagnostics);
}

/** The constraints that exclude all designs alone; else all of them do it together. */
function exclusions(
  sweep: Sweep,
  records: readonly DesignRecord[],
  excluded: readonly DesignRecord[],
): Diagnostic[] {
  const excludesAll = (rule: Rule): boolean =>
    rule.needs === 'parameters' &&
    excluded.every(({ digits }) => !allHold([rule], 'parameters', parametersOf(sweep, digits)));
  const alone = sweep.rules.filter(excludesAll);
  const blamed = alone.length > 0 ? alone : sweep.rules;
  const verb = blamed.length > 1 && alone.length === 0 ? 'together the constraints exclude' : 'this excludes';
  return blamed.map(({ position }) => ({
    message: `${verb} ${amount(excluded.length, records)}`,
    position,
    suggestion: 'relax the constraint, or widen the parameters it names',
  }));
}

function amount(some: number, records: readonly DesignRecord[]): string {
  return some === records.length ? `all ${some} designs` : `${some} of ${records.length} designs`;
}
