import { Module } from '@nestjs/common';
import { platform } from '@eoffice/platform/platform';
import { Arrivals } from './arrivals/arrivals.js';
import { Authorities } from './authorities/authorities.js';
import { Book } from './books/book.js';
import { Books } from './books/books.js';
import { KnownBooks } from './books/known-books.js';
import { Extraction } from './content/extraction.js';
import { DirectoryReactions } from './directory/directory.reactions.js';
import { Figures } from './figures/figures.js';
import { Handling } from './handling/handling.js';
import { Inboxes } from './handling/inboxes.js';
import { Incoming } from './incoming/incoming.js';
import { PreservationReactions } from './incoming/preserved.js';
import { Registering } from './incoming/registering.js';
import { VerdictReactions } from './incoming/verdicts.js';
import { Draft } from './outgoing/draft.js';
import { Drafts } from './outgoing/drafts.js';
import { Outgoing } from './outgoing/outgoing.js';
import { Deadlines } from './policies/deadlines.js';
import { SignedReactions } from './outgoing/signed.reactions.js';
import { IssuingPolicies } from './policies/issuing-policies.js';
import { Policies } from './policies/policies.js';
import { Registers } from './registers/registers.js';
import { IndexReactions } from './search/index.reactions.js';
import { Matches } from './search/matches.js';
import { Search } from './search/search.js';
import { Statistics } from './statistics/statistics.js';

@Module({
  imports: [
    platform({
      service: 'documents',
      entities: [Book, Draft],
      migrations: new URL('../migrations', import.meta.url),
    }),
  ],
  controllers: [
    Books,
    Incoming,
    Arrivals,
    Handling,
    Drafts,
    Authorities,
    Outgoing,
    Search,
    Statistics,
    Policies,
    IssuingPolicies,
    Registers,
    Figures,
  ],
  providers: [
    KnownBooks,
    Deadlines,
    Registering,
    Extraction,
    Inboxes,
    Matches,
    IndexReactions,
    PreservationReactions,
    VerdictReactions,
    DirectoryReactions,
    SignedReactions,
  ],
})
export class DocumentsModule {}
