/** What happened in an organization, for its auditors and their systems. */
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { noKey, refuseUnknown } from '../api-keys/bodies.ts';
import { Access } from '../auth/access.ts';
import { Accepts } from '../http/accepts.ts';
import { ApiRead, Operation } from '../http/api-docs.ts';
import { Reads } from '../reads.ts';
import {
  EVENT_FIELDS,
  EventList,
  eventListOf,
  KEY_EVENT_FIELDS,
  ListEventsQuery,
  ListKeyEventsQuery,
  requestOf,
} from './events.ts';

@ApiTags('events')
@ApiParam({ name: 'orgId', type: String })
@Controller('api/v1/organizations/:orgId')
export class EventsController {
  constructor(private readonly reads: Reads) {}

  @Get('events')
  @Access({ to: 'organization', permission: 'audit:read' })
  @Accepts({ query: EVENT_FIELDS })
  @Operation('listEvents', 'Lists what happened in the organization.', {
    description:
      'The newest 100,000 events. With a filter a page may hold fewer than `limit`, or none, although another ' +
      'page follows. To follow the events, ask with `order=oldest` and `after` the `position` of the answer before.',
  })
  @ApiRead('A page of the events.', EventList)
  async list(@Param('orgId') orgId: string, @Query() query: ListEventsQuery): Promise<EventList> {
    return eventListOf(await this.reads.events(orgId, requestOf(query)));
  }

  @Get('api-keys/:keyId/events')
  @Access({ to: 'organization', permission: 'audit:read' })
  @Accepts({ query: KEY_EVENT_FIELDS })
  @ApiParam({ name: 'keyId', type: String })
  @Operation('listApiKeyEvents', 'Lists what happened to a key, of either kind.')
  @ApiRead('A page of the events.', EventList)
  async listOfKey(
    @Param('orgId') orgId: string,
    @Param('keyId') keyId: string,
    @Query() query: ListKeyEventsQuery,
  ): Promise<EventList> {
    refuseUnknown(keyId);
    const page = await this.reads.keyEvents(orgId, keyId, requestOf(query));
    if (!page) throw noKey();
    return eventListOf(page);
  }
}
