import { type Der, tags } from '../asn1/der.js';
import { ia5Of } from '../asn1/values.js';
import { Name } from './names.js';

/** A name of one of the nine forms of RFC 5280, 4.2.1.6. */
export type GeneralName =
  | { form: 'email' | 'dns' | 'uri'; text: string; der: Der }
  | { form: 'other'; type: string; value: Der; der: Der }
  | { form: 'directory'; name: Name; der: Der }
  | { form: 'ip'; address: Buffer; der: Der }
  | { form: 'registeredId'; oid: string; der: Der }
  | { form: 'x400' | 'ediParty'; der: Der };

/** Reads one GeneralName; an IP address may be of any size here. Throws `DerError`. */
export function generalNameOf(der: Der): GeneralName {
  switch (der.tag) {
    case 0xa0:
      return otherName(der);
    case 0x81:
      return { form: 'email', text: ia5Of(der), der };
    case 0x82:
      return { form: 'dns', text: ia5Of(der), der };
    case 0xa3:
      return { form: 'x400', der };
    case 0xa4:
      return { form: 'directory', name: new Name(der.only(tags.sequence)).readable(), der };
    case 0xa5:
      return { form: 'ediParty', der };
    case 0x86:
      return { form: 'uri', text: ia5Of(der), der };
    case 0x87:
      return { form: 'ip', address: der.content, der };
    case 0x88:
      return { form: 'registeredId', oid: der.as(tags.oid).oid(), der };
    default:
      return der.fail('a GeneralName of no known form');
  }
}

function otherName(der: Der): GeneralName {
  const reader = der.inside();
  const type = reader.next().oid();
  const value = reader.next(0xa0).only();
  reader.finish();
  return { form: 'other', type, value, der };
}

/** GeneralNames: at least one. `max` keeps hostile lists short. */
export function generalNamesOf(der: Der, max = 20_000): GeneralName[] {
  const names = der.list(max).map(generalNameOf);
  return names.length > 0 ? names : der.fail('an empty list of names');
}

/** Whether two names of distribution points are the same (RFC 5280, 6.3.3 (b)(2)). */
export function sameGeneralName(one: GeneralName, other: GeneralName): boolean {
  if (one.form === 'directory' && other.form === 'directory') return one.name.equals(other.name);
  return one.form === other.form && one.der.equals(other.der);
}
