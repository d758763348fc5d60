/** What a report cannot tell, because the log does not hold it. Said on every report: silence would look like an answer. */
export const LIMITS: readonly string[] = [
  'Which permissions a key used: the log counts the checks that said yes, not what they were for. "Wider than their use" is therefore told by the role alone: owner and admin keys that nobody used, and keys that may do more than their maker.',
  'Who still tries a key that has ended: refused checks write no event, so that nobody can fill the log by trying. What the log would show is a check that said yes too late; that is looked for.',
  'All addresses: of each window of about 10 seconds the log holds the network of the last use alone (an IPv4 /24, an IPv6 /48), and only where the checking service told it. The networks that are counted are at least so many.',
  'Every use: an authorizer that is killed loses its last window.',
];
