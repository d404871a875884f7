import { contract } from '../language/contract.js';
import { Choice, Day, Flag, Id, Moment, Text } from '../language/fields.js';
import { pageOf, PageInput } from '../language/page.js';
import { directions } from './books.js';

export class SearchDocuments extends PageInput {
  @Text({
    min: 2,
    max: 200,
    description: 'Words of the title, the parties, the number or the content',
  })
  q: string;
  @Choice(directions, { optional: true }) direction?: 'incoming' | 'outgoing';
  @Id({ optional: true }) organisationId?: string;
  @Day({ optional: true }) from?: string;
  @Day({ optional: true }) to?: string;
}

export class Found {
  @Id() documentId: string;
  @Choice(directions) direction: 'incoming' | 'outgoing';
  @Id() organisationId: string;
  @Text({ max: 500 }) abstract: string;
  @Text({ max: 100, optional: true }) reference?: string;
  @Text({ max: 300, optional: true, description: 'Who sent it, or who signed it' }) party?: string;
  @Moment() at: Date;
  @Flag({ description: 'As it was typed, marks and all; these come first' }) exact: boolean;
}

export class FoundPage extends pageOf(Found) {}

export const search = contract('documents.search', {
  find: {
    summary: 'Search the documents you may read, with or without marks; exact matches come first',
    route: 'GET /documents/search',
    permission: 'documents.read',
    input: SearchDocuments,
    output: FoundPage,
  },
});
