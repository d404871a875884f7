import { type FieldError, type Sentence, type SubscriberFields } from '@eoffice/contracts';
import type { EntityManager } from 'typeorm';

interface FormField {
  name: keyof SubscriberFields;
  vi: string;
  en: string;
  required: boolean;
  pattern?: string;
}

/** A form as it holds today: its title and the fields it asks for, in their order. */
export interface Form {
  code: string;
  title: string;
  fields: FormField[];
  legalBasis: string;
}

/** The forms that hold today, by code. */
export async function formsToday(manager: EntityManager): Promise<Map<string, Form>> {
  const forms = await manager.query<Form[]>(
    'select code, title, fields, legal_basis as "legalBasis" from form_today',
  );
  return new Map(forms.map((form) => [form.code, form]));
}

/** What a form finds missing or wrong, each with its name and a sentence. */
export function faultsOf({ fields }: Form, given: SubscriberFields) {
  return fields.flatMap(({ name, vi, en, required, pattern }) => {
    const value = given[name];
    if (!value) {
      const detail = { vi: `thiếu “${vi}”`, en: `“${en}” is missing` };
      return required ? [{ name, detail }] : [];
    }
    if (!pattern || new RegExp(pattern, 'u').test(value)) return [];
    return [{ name, detail: { vi: `“${vi}” không đúng dạng`, en: `“${en}” is not right` } }];
  });
}

/** The same as errors of an input, at most 50: `/lines/0/fields/personalId`. */
export function formErrors(
  forms: Map<string, Form>,
  lines: { form: string; fields: SubscriberFields; named?: string }[],
): FieldError[] {
  return lines
    .flatMap(({ form, fields, named }, index) =>
      faultsOf(forms.get(form)!, fields).map(({ name, detail }) => ({
        pointer: `/lines/${index}/fields/${name}`,
        detail: named ? prefixed(named, detail) : detail,
      })),
    )
    .slice(0, 50);
}

const prefixed = (named: string, { vi, en }: Sentence) => ({
  vi: `${named}: ${vi}`,
  en: `${named}: ${en}`,
});

/** Personal ids and telephone numbers keep only their last three digits. */
export function masked(fields: SubscriberFields): SubscriberFields {
  const { personalId, mobile, ...rest } = fields;
  return { ...rest, personalId: mask(personalId), mobile: mask(mobile) };
}

const mask = (text?: string) => text && '*'.repeat(Math.max(0, text.length - 3)) + text.slice(-3);
