import { Module } from '@nestjs/common';
import { platform } from '@eoffice/platform/platform';

@Module({
  imports: [
    platform({
      service: 'signatures',
      entities: [],
      migrations: new URL('../migrations', import.meta.url),
    }),
  ],
})
export class SignaturesModule {}
