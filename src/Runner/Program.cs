using QSim.Runner.CommandLine;
using QSim.Runner.Output;

return await Cli.RunAsync(args, Screen.OfThisProcess());
