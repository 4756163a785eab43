// On every page: send what an earlier page could not. Shows nothing.

import { flush } from "./outbox.js";

flush();
