import { labStories } from './lab-stories.ts';
import { outageStories } from './outage-stories.ts';

labStories([outageStories]);
