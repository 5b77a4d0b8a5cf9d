/** Why the best mapping is the best: asked by a button, told in sentences and a table of changes. */
import {
  CHANGES_HEADING,
  changeColumns,
  explanationParts,
  mostSentence,
} from '../../../src/report/explain.ts';
import type { ExplainReport } from 'dse/browser';
import type { Detail } from '../detail.ts';
import type { Found } from '../engine.ts';
import { DataTable } from './data-table.tsx';

export function Explanation({ found, detail }: { readonly found: Found; readonly detail: Detail }) {
  const explaining = detail.explaining.value;
  const { name, front } = found.report.layers[detail.layer.value];
  const subject = front ? `the best of ${name} by its first quantity` : 'this';
  return (
    <section class="explanation" aria-label="explanation">
      <h3>{`Why is ${subject} the best?`}</h3>
      {explaining.state === 'none' && (
        <p>
          <button type="button" class="action" onClick={() => void detail.explain()}>
            Explain
          </button>{' '}
          <span class="note">Searches other dataflows and machines with a little more of each part.</span>
        </p>
      )}
      {explaining.state === 'running' && (
        <p>
          <button type="button" class="action" onClick={detail.stop}>
            Stop explaining
          </button>{' '}
          <span class="note">
            {explaining.step
              ? `${explaining.step.done} searches done; now: ${explaining.step.question}`
              : 'Searching the layer again …'}
          </span>
        </p>
      )}
      {explaining.state === 'failed' && <pre role="alert">{explaining.message}</pre>}
      {explaining.state === 'done' && (
        <Told report={explaining.explained.report} interrupted={explaining.explained.interrupted} />
      )}
    </section>
  );
}

function Told({ report, interrupted }: { readonly report: ExplainReport; readonly interrupted: boolean }) {
  return (
    <>
      {interrupted && <p role="status">Stopped: what was not searched yet is left out.</p>}
      <dl class="told">
        {explanationParts(report)
          .filter(({ sentences }) => sentences.length > 0)
          .map(({ label, sentences }) => (
            <div key={label}>
              <dt>{label}</dt>
              {sentences.map((sentence) => (
                <dd key={sentence}>{sentence}</dd>
              ))}
            </div>
          ))}
      </dl>
      {report.changes.length > 0 && (
        <>
          <p>{CHANGES_HEADING}</p>
          <DataTable columns={changeColumns(report)} rows={report.changes} label="changes of the machine" />
          <p>{mostSentence(report)}</p>
        </>
      )}
    </>
  );
}
