import { Module } from '@nestjs/common';
import { platform } from '@eoffice/platform/platform';

@Module({
  imports: [
    platform({
      service: 'portals',
      entities: [],
      migrations: new URL('../migrations', import.meta.url),
    }),
  ],
})
export class PortalsModule {}
