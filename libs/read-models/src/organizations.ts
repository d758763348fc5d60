/** Read model: one record per organization, its members, and each user's organizations. */

/** The fold of one organization's stream, without its members. */
export interface OrganizationRecord {
  id: string;
  name: string;
  status: 'active';
  createdAt: string;
}
