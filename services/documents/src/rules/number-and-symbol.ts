/** What a document's number and symbol are made of (Nghị định 30/2020, Art. 15 and App. I-II.3). */
export interface SymbolParts {
  number: number;
  /** Abbreviation of the type (QĐ, TB …); absent for an official letter (công văn). */
  type?: string;
  /** Abbreviation of the issuing agency. */
  agency: string;
  /** Abbreviation of the drafting unit or the field; official letters only. */
  unit?: string;
  /** Law-making documents carry the year inside the number. */
  year?: number;
}

/** `9` → `09`, `10` → `10`, `100` → `100`. */
export const numberText = (number: number) => String(number).padStart(2, '0');

/** `09/QĐ-BNV`, `05/BNV-VP`, `128/2025/QĐ-UBND`. */
export function renderSymbol({ number, type, agency, unit, year }: SymbolParts): string {
  const groups = type ? [type, agency] : [agency, unit];
  const place = year ? `${numberText(number)}/${year}` : numberText(number);
  return `${place}/${groups.filter(Boolean).join('-')}`;
}

/** The parts of a printed reference, or undefined; the groups are left as they are written. */
export function parseSymbol(
  text: string,
): { number: number; year?: number; groups: string[] } | undefined {
  const match = /^(\d{1,7})(?:\/(\d{4}))?\/([^/\s]+)$/.exec(text.trim().normalize('NFC'));
  if (!match) return undefined;
  const [, number, year, groups] = match;
  return {
    number: Number(number),
    ...(year ? { year: Number(year) } : {}),
    groups: groups!.split('-'),
  };
}

/**
 * The place and date line: days below 10 and the months 1 and 2 take a leading zero, the months 3 to
 * 9 do not (Nghị định 30/2020, App. I-II.4).
 * @param day `yyyy-MM-dd`
 */
export function dateLine(day: string, place?: string): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  const shownMonth = month <= 2 ? numberText(month) : String(month);
  const line = `ngày ${numberText(date)} tháng ${shownMonth} năm ${year}`;
  return place ? `${place}, ${line}` : line;
}
