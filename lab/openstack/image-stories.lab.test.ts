import { imageStories } from '../../test/story/cloud/image-stories.ts';
import { labStories } from './lab-stories.ts';

labStories([imageStories]);
