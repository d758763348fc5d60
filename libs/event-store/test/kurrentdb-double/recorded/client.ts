/** The client, as the recorded cases use it. */
export {
  KurrentDBClient,
  binaryEvent,
  eventTypeFilter,
  excludeSystemEvents,
  jsonEvent,
  streamNameFilter,
} from '@kurrent/kurrentdb-client';
export type {
  AllStreamSubscription,
  Filter,
  ResolvedEvent,
  AppendStreamState,
  StreamSubscription,
} from '@kurrent/kurrentdb-client';
