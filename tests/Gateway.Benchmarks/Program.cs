Console.WriteLine("usage: run.sh");
