// Writes one workbook in a thread of its own: twenty thousand rows take seconds, and are written in one go.
import { parentPort, workerData } from 'node:worker_threads';
import writeExcel from 'write-excel-file/node';

const { name, columns, rows } = workerData;
const border = { borderStyle: 'thin' };

const heading = columns.map(({ heading: value }) => ({
  ...{ value, type: String, fontWeight: 'bold', wrap: true, align: 'center' },
  ...border,
}));
const cellOf = (value) => {
  if (value === null || value === undefined || value === '') return border;
  return typeof value === 'number'
    ? { value, type: Number, ...border, alignVertical: 'top' }
    : { value, type: String, wrap: true, ...border, alignVertical: 'top' };
};

const workbook = writeExcel(
  [heading, ...rows.map((row) => row.map(cellOf))],
  {
    sheet: name.replace(/[[\]:*?/\\]/g, ' ').slice(0, 31),
    columns: columns.map(({ width = 14 }) => ({ width })),
    stickyRowsCount: 1,
    orientation: 'landscape',
  },
  { fontFamily: 'Times New Roman', fontSize: 12 },
);
parentPort.postMessage(await workbook.toBuffer());
