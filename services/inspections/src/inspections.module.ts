import { Module } from '@nestjs/common';
import { platform } from '@eoffice/platform/platform';

@Module({
  imports: [
    platform({
      service: 'inspections',
      entities: [],
      migrations: new URL('../migrations', import.meta.url),
    }),
  ],
})
export class InspectionsModule {}
