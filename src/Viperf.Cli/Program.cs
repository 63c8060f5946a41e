using System.CommandLine;

var root = new RootCommand("A Linux profiler for Python: records Python, native and kernel stacks, and shows where time goes.");
return root.Parse(args).Invoke();
