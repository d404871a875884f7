import { Module } from '@nestjs/common';
import { platform } from '@eoffice/platform/platform';
import { Article } from './articles/article.js';
import { Articles } from './articles/articles.js';
import { DirectoryReactions } from './directory/directory.reactions.js';
import { Figures } from './figures/figures.js';

@Module({
  imports: [
    platform({
      service: 'portals',
      entities: [Article],
      migrations: new URL('../migrations', import.meta.url),
    }),
  ],
  controllers: [Articles, Figures],
  providers: [DirectoryReactions],
})
export class PortalsModule {}
