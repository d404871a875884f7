import { NotFound } from '@eoffice/contracts';

/** A document the caller may not read is not there for them. */
export const noDocument = () =>
  new NotFound({ vi: 'Không có văn bản này', en: 'There is no such document' });
