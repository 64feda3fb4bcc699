using QSim.OrtWalk;

return args switch
{
    ["walk", string folder, ..] when !Directory.Exists(folder) => Wrong($"no folder {folder}"),
    ["serve", string path, string text, string optimized] when int.TryParse(text, out int level) =>
        OrtServer.Serve(path, level, optimized == "-" ? null : optimized),
    ["walk", string folder, .. string[] names] => Walk.Run(folder, names),
    _ => Wrong("use: qsim-ort-walk walk FOLDER [NAME...] (or, as walk starts it for each file, "
        + "serve MODEL LEVEL OPTIMIZED|-)"),
};

static int Wrong(string what)
{
    Console.Error.WriteLine($"error: {what}");
    return 2;
}
