import { Module } from '@nestjs/common';
import { platform } from '@eoffice/platform/platform';
import { Book } from './books/book.js';
import { Books } from './books/books.js';
import { DirectoryReactions } from './directory/directory.reactions.js';

@Module({
  imports: [
    platform({
      service: 'documents',
      entities: [Book],
      migrations: new URL('../migrations', import.meta.url),
    }),
  ],
  controllers: [Books],
  providers: [DirectoryReactions],
})
export class DocumentsModule {}
