import { Module } from '@nestjs/common';
import { platform } from '@eoffice/platform/platform';
import { Certificates } from './certificates/certificates.js';
import { DirectoryReactions } from './directory/directory.reactions.js';
import { Figures } from './figures/figures.js';

@Module({
  imports: [
    platform({
      service: 'signatures',
      entities: [],
      migrations: new URL('../migrations', import.meta.url),
    }),
  ],
  controllers: [Certificates, Figures],
  providers: [DirectoryReactions],
})
export class SignaturesModule {}
