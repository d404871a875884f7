import { describe, expect, it } from '@jest/globals';
import { faultOfIdentifier, formOf, topLevelOf } from './agency-identifier.js';

describe('agency identifiers', () => {
  it.each([
    ['H36', 'current', 'H36'],
    ['H37.02.02', 'current', 'H37'],
    ['H37.DN.001', 'current', 'H37'],
    ['000.00.00.H49', 'legacy', 'H49'],
    ['000.00.04.H36', 'legacy', 'H36'],
    ['vxp.saas.03', 'foreign', undefined],
    ['28.22.H17', 'foreign', undefined],
    ['001.00.20.TT2', 'foreign', undefined],
    [`H36.${'A'.repeat(32)}`, 'foreign', undefined],
  ])('%s is %s, of %s', (identifier, form, top) => {
    expect(formOf(identifier)).toBe(form);
    expect(topLevelOf(identifier)).toBe(top);
    expect(faultOfIdentifier(identifier) === undefined).toBe(form !== 'foreign');
  });
});
