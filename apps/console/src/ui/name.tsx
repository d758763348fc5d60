/** Names are somebody else's text: they stay in one line, and their direction turns nothing around them. */
import { Text, type TextProps } from '@mantine/core';

export function Name({ children, ...props }: TextProps & { children: string }) {
  return (
    <Text component="bdi" truncate display="block" title={children} maw="100%" {...props}>
      {children}
    </Text>
  );
}
