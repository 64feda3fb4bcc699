using QSim.OrtWalk;

return args switch
{
    ["serve", string path, string level, string optimized] => OrtServer.Serve(
        path, int.Parse(level), optimized == "-" ? null : optimized),
    ["walk", string folder, .. string[] names] => Walk.Run(folder, names),
    _ => throw new ArgumentException("serve MODEL LEVEL OPTIMIZED|-, or walk FOLDER [NAME...]"),
};
