import { crc32, deflateSync } from 'node:zlib';

// Pictures for visible signatures, drawn here because real ones are nobody's to give away: a stroke
// of a pen in blue, and a ring with a star in red, both on nothing.

type Point = [x: number, y: number];

const side = 300;

/** A red seal. */
export function sealPicture(): Buffer {
  const middle = side / 2;
  return picture([200, 20, 30], ([x, y]) => {
    const distance = Math.hypot(x - middle, y - middle);
    const ring = Math.abs(distance - 140) < 5 || Math.abs(distance - 95) < 2;
    const angle = Math.atan2(y - middle, x - middle) + Math.PI / 2;
    const star = 18 + 34 * Math.abs(Math.cos(2.5 * angle)) ** 3;
    return ring || distance < star;
  });
}

/** A signature in blue: one stroke that turns on itself. */
export function penPicture(): Buffer {
  const points: Point[] = Array.from({ length: 600 }, (_, index) => {
    const along = index / 600;
    const turn = along * 9 * Math.PI;
    return [
      30 + along * 230 + 28 * Math.cos(turn),
      150 + 60 * Math.sin(turn) * Math.sin(along * Math.PI + 0.4),
    ];
  });
  return picture([20, 40, 160], ([x, y]) =>
    points.some(([px, py]) => Math.abs(px - x) < 3 && Math.abs(py - y) < 3),
  );
}

/** RGBA in PNG (ISO/IEC 15948): a colour where something is drawn, nothing elsewhere. */
function picture([red, green, blue]: [number, number, number], drawn: (at: Point) => boolean) {
  const rows = Buffer.alloc(side * (1 + side * 4));
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      if (!drawn([x, y])) continue;
      rows.set([red, green, blue, 255], y * (1 + side * 4) + 1 + x * 4);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 6], 8);
  const parts = [chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND')];
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), ...parts]);
}

function chunk(type: string, data = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
