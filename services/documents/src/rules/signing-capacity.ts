import type { Sentence } from '@eoffice/contracts';

/** In what capacity somebody signs (Nghị định 30/2020, Art. 13): for a collective, as acting head, … */
export const capacities = ['head', 'TM', 'Q', 'KT', 'TL', 'TUQ'] as const;
export type Capacity = (typeof capacities)[number];

export interface Signing {
  capacity: Capacity;
  /** Whether the signer's post heads or deputises the agency and may sign. */
  signs: boolean;
  /** Whether the signer's post leads a unit of the agency. */
  leadsUnit: boolean;
  /** Written authority, for TL. and TUQ. */
  authority?: {
    validFrom: string;
    validTo: string;
    delegatedFrom: Capacity;
    documentTypes: string[];
  };
}

const say = (vi: string, en: string): Sentence => ({ vi, en });

/** Why somebody may not sign a type of document so on a day; undefined when they may. */
export function faultOfSigning(signing: Signing, on: string, type: string): Sentence | undefined {
  const { capacity, signs, leadsUnit, authority } = signing;
  if (capacity === 'TL' || capacity === 'TUQ') {
    if (!authority) return say('cần văn bản giao hoặc ủy quyền ký', 'needs a written authority');
    if (on < authority.validFrom || on > authority.validTo) {
      return say('văn bản ủy quyền không còn hiệu lực', 'the authority does not hold on that day');
    }
    if (!authority.documentTypes.includes(type)) {
      return say(
        'văn bản ủy quyền không cho ký loại văn bản này',
        'the authority is not for documents of this type',
      );
    }
    if (authority.delegatedFrom === 'TUQ') {
      return say('người được ủy quyền không được ủy quyền lại', 'an authority is not handed on');
    }
    if (capacity === 'TL' && !leadsUnit) {
      return say(
        'chỉ người đứng đầu đơn vị ký thừa lệnh',
        'only the head of a unit signs by order',
      );
    }
    return undefined;
  }
  return signs ? undefined : say('chức vụ này không ký văn bản', 'this post does not sign');
}

/** What is printed before the position: `KT. CHỦ TỊCH`; nothing for the head in their own name. */
export const capacityPrefix = (capacity: Capacity) => (capacity === 'head' ? '' : `${capacity}.`);
