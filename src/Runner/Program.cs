using QSim.Runner;
using QSim.Runner.Output;

return await Cli.RunAsync(args, Screen.OfThisProcess());
