/** A sweep's designs as a Parquet file. */
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { SweepFound } from './sweep.ts';
import { sweepTable } from './sweep.ts';

/** The columns of `sweepCsv`: `id` is an INT32, `status` a string, every other a DOUBLE, null where not mapped. */
export function sweepParquet(found: SweepFound): Uint8Array {
  const { id, status, figures } = sweepTable(found);
  const buffer = parquetWriteBuffer({
    columnData: [
      { name: 'id', data: [...id], type: 'INT32', nullable: false },
      { name: 'status', data: [...status], type: 'STRING', nullable: false },
      ...figures.map(({ name, values }) => ({ name, data: [...values], type: 'DOUBLE' as const })),
    ],
  });
  return new Uint8Array(buffer);
}
