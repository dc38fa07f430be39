import azure.functions as func


def main(source: func.InputStream, target: func.Out[func.InputStream]) -> None:
    target.set(source)
