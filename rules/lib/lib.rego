# What rules share. A user's rules may import it: `import data.lib`.
package lib
