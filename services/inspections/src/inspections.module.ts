import { Module } from '@nestjs/common';
import { platform } from '@eoffice/platform/platform';
import { DirectoryReactions } from './directory/directory.reactions.js';
import { Measurements } from './visits/measurements.js';
import { Visits } from './visits/visits.js';

@Module({
  imports: [
    platform({
      service: 'inspections',
      entities: [],
      migrations: new URL('../migrations', import.meta.url),
    }),
  ],
  controllers: [Visits],
  providers: [Measurements, DirectoryReactions],
})
export class InspectionsModule {}
