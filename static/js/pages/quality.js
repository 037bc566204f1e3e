/** Data quality: choosing groups of quarantined input and confirming what is discarded. */

import { maybe } from "../lib/dom.js";
import { bindGroups } from "../lib/groups.js";

const groups = maybe("#groups");
if (groups) bindGroups(groups);
