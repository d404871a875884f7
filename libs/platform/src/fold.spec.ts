import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cloneDatabase, type Clone } from '@eoffice/testing/servers';
import { Client } from 'pg';
import { fold } from './text.js';

let clone: Clone;
let client: Client;
beforeAll(async () => {
  clone = await cloneDatabase();
  client = new Client({ connectionString: clone.urlAs('documents') });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await clone.drop();
});

describe('fold in the database', () => {
  it.each([
    'Phường 1 Bảo Lộc',
    'Phường 1  Bảo Lộc'.normalize('NFD'),
    'Đường Đà Lạt — Đạ Tẻh',
    'Phường B’Lao, xã D`Ran',
    'CỘNG HOÀ cộng hòa Thúy thuý',
    'Ðơn Dương 15\u200B/QĐ-UBND',
    ' ợ ượng ữ Ỹ ỵ ',
  ])('says of “%s” what the program says', async (text) => {
    const { rows } = await client.query<{ folded: string }>('select fold($1) as folded', [text]);
    expect(rows[0]!.folded).toBe(fold(text));
  });
});
